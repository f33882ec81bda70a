"""The GraphiQL page for browsers: page, assets and example operations, all from this origin."""
