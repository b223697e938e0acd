"""Pages, forms and sockets: what a browser asks, and what it is answered."""
