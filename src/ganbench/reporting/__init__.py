"""Tables, figures and the HTML report, made from what the cells wrote."""
