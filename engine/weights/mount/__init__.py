"""Model files on a mount, such as a bucket shown as a directory: slow to answer, quick in parallel.

What Cloud Storage FUSE shows is read well in large ranges by many at a time, and badly in small
ones, out of order or mapped: see
https://cloud.google.com/storage/docs/cloud-storage-fuse/performance.
"""
