"""What has been committed?"""
