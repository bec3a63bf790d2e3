"""The two tasks, Dial-2-Note and Note-2-Dial: scoring predictions, making them, training for them."""
