//! What a journal keeps, and what it refuses.
