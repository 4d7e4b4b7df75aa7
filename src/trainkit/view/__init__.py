"""What a person sees, as HTML; the same for the notebook widget and for the class server."""
