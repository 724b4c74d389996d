"""What any part of the library may use: files, random numbers, tables and plots."""
