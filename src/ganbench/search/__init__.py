"""`ganbench search`: ranges declared beside a variant, tried as cells of their own."""
