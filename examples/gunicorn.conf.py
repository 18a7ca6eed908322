"""A gunicorn deployment: fonts and codecs are loaded once, before the workers fork.

$ gunicorn --config gunicorn.conf.py --bind 127.0.0.1:8000 flask_app:app
"""

worker_class = "gthread"
workers = 2
threads = 4
# The middleware starts no thread and opens no socket before the fork, so its memory is shared.
preload_app = True
# By default every gunicorn of one user listens on the same control socket.
control_socket_disable = True
