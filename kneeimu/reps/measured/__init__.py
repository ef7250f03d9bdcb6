"""What a rep and a set were like: phases, numbers, form."""
