"""Where rows come from (tables, arrays, built-in sets), how they are taken, and how they are split."""
