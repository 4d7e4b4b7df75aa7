"""What happens to files and requests that nobody in their right mind would send?"""
