"""What `medsynth train` writes: files to copy and templates to fill. train.py needs the packages of requirements.txt."""
