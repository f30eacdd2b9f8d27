"""Image styles and responsive image styles: in which sizes the site shows its images."""
