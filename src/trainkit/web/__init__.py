"""How does the kit get onto phones? The only importer of Starlette and uvicorn."""
