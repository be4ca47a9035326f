"""Its being here puts the helpers of this folder in reach of the tests below it."""
