"""What is about sessions as a whole: jobs, what people do, who looks after them."""
