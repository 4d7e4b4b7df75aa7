"""How does the kit get into JupyterLab? The only importer of ipywidgets and anywidget."""
