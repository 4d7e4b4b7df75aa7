"""How does it get into JupyterLab? The only importer of ipywidgets and anywidget."""
