"""What is measured: images and networks of users, and what may be wrong with them."""
