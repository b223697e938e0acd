"""Letters, and the way they go. Which are due is conduct's, when they are sent post's."""
