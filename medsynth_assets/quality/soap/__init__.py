"""The four SOAP sections of a note: present, in order, none empty, none with another's content."""
