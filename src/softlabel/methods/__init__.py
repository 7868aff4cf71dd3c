"""The label methods. They know no disk: whatever is stored is stored by who calls them."""
