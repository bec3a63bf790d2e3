"""The jury: judge models that grade finished pairs, and how far they agree."""
