"""MLflow as a view of the results: live while a cell trains, complete when it is done, rebuilt from the outputs."""
