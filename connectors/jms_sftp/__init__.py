"""Files that lie on an SFTP server, fetched into a folder."""
