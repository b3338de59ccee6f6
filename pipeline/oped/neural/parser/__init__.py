"""The argument parser: from the words of an article to its components and relations."""
