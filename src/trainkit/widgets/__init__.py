"""The notebook's front end: the only importer of ipywidgets and anywidget."""
