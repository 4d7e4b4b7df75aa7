"""How does it get onto phones? The only importer of Starlette and uvicorn."""
