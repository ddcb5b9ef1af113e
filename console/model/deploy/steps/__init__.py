"""One builder for each subject of a plan: what there is and what is wanted give one step."""
