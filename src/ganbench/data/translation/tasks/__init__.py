"""Tasks, one a module; found by name through `ganbench.data.translation.task.TASKS`."""
