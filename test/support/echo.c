/*
 * The traffic of containers, in one static program: an image needs nothing else. What it prints is
 * the truth that a recording is compared with.
 *
 *   echo serve PORT...                       answers each byte with the same byte, until killed
 *   echo ask HOST COUNT PER_SECOND PORT...   COUNT connections in turn over the ports: one byte
 * there, one back, closed by this side; then a JSON line for each. PER_SECOND 0: as fast as it can
 *   echo try HOST PORT MILLISECONDS          one connection that is not expected to come about
 *   echo hold HOST PORT                      one connection and one exchange, kept until killed
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MAX_OPEN 1000

static void fail(const char *what)
{
	fprintf(stderr, "echo: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct sockaddr_in address(const char *host, int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

	if (!inet_aton(host, &a.sin_addr))
		fail(host);
	return a;
}

static int listener(int port)
{
	struct sockaddr_in a = address("0.0.0.0", port);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (void *)&a, sizeof(a)) || listen(fd, 1024))
		fail("listen");
	return fd;
}

static void serve(int ports, char **port)
{
	static struct pollfd fds[MAX_OPEN];
	int n = ports;

	for (int i = 0; i < ports; i++)
		fds[i] = (struct pollfd){.fd = listener(atoi(port[i])), .events = POLLIN};
	printf("{\"listening\":%d}\n", ports);
	fflush(stdout);
	for (;;) {
		if (poll(fds, n, -1) < 0)
			fail("poll");
		for (int i = n - 1; i >= 0; i--) {
			char byte;

			if (!fds[i].revents)
				continue;
			if (i < ports) {
				int fd = accept(fds[i].fd, NULL, NULL);

				if (fd < 0 || n == MAX_OPEN)
					fail("accept");
				fds[n++] = (struct pollfd){.fd = fd, .events = POLLIN};
			} else if (read(fds[i].fd, &byte, 1) != 1 ||
				   write(fds[i].fd, &byte, 1) != 1) {
				close(fds[i].fd);
				fds[i] = fds[--n];
			}
		}
	}
}

static int dial(const char *host, int port)
{
	struct sockaddr_in a = address(host, port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (void *)&a, sizeof(a)))
		fail("connect");
	return fd;
}

static void turn(int fd)
{
	char byte = 'q';

	if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1)
		fail("exchange");
}

static void tell(const struct sockaddr_in *local, int port, const char *error)
{
	printf("{\"client_addr\":\"%s\",\"client_port\":%d,\"port\":%d,\"error\":%s%s%s}\n",
	       inet_ntoa(local->sin_addr), ntohs(local->sin_port), port, error ? "\"" : "",
	       error ? error : "null", error ? "\"" : "");
}

static struct sockaddr_in local(int fd)
{
	struct sockaddr_in a = {};
	socklen_t length = sizeof(a);

	getsockname(fd, (void *)&a, &length);
	return a;
}

static int ask(const char *host, int ports, char **port, int count, int per_second)
{
	struct sockaddr_in *from = calloc(count, sizeof(*from));
	struct timespec due;

	clock_gettime(CLOCK_MONOTONIC, &due);
	for (int i = 0; i < count; i++) {
		int fd = dial(host, atoi(port[i % ports]));

		from[i] = local(fd);
		turn(fd);
		close(fd);
		if (!per_second)
			continue;
		due.tv_nsec += 1000000000 / per_second;
		if (due.tv_nsec >= 1000000000) {
			due.tv_nsec -= 1000000000;
			due.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
	}
	for (int i = 0; i < count; i++)
		tell(&from[i], atoi(port[i % ports]), NULL);
	return 0;
}

/* Binds first: afterwards an unconnected socket has forgotten its port. */
static int try_one(const char *host, int port, int milliseconds)
{
	struct timeval patience = {milliseconds / 1000, milliseconds % 1000 * 1000};
	struct sockaddr_in a = address(host, port), any = address("0.0.0.0", 0), from;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (bind(fd, (void *)&any, sizeof(any)))
		fail("bind");
	from = local(fd);
	if (!connect(fd, (void *)&a, sizeof(a)))
		fail("it is connected");
	tell(&from, port,
	     errno == ECONNREFUSED   ? "ECONNREFUSED"
	     : errno == EHOSTUNREACH ? "EHOSTUNREACH"
	     : errno == EINPROGRESS  ? "EINPROGRESS"
	     : errno == ETIMEDOUT    ? "ETIMEDOUT"
				     : strerror(errno));
	return 0;
}

static int hold(const char *host, int port)
{
	int fd = dial(host, port);
	struct sockaddr_in from = local(fd);

	turn(fd);
	tell(&from, port, NULL);
	fflush(stdout);
	pause();
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	/* The first process of a container ignores signals that it has no handler for. */
	signal(SIGTERM, _exit);
	signal(SIGPIPE, SIG_IGN);
	if (argc > 2 && !strcmp(what, "serve"))
		serve(argc - 2, argv + 2);
	if (argc == 5 && !strcmp(what, "try"))
		return try_one(argv[2], atoi(argv[3]), atoi(argv[4]));
	if (argc == 4 && !strcmp(what, "hold"))
		return hold(argv[2], atoi(argv[3]));
	if (argc > 5 && !strcmp(what, "ask"))
		return ask(argv[2], argc - 5, argv + 5, atoi(argv[3]), atoi(argv[4]));
	fprintf(stderr, "echo: see the top of echo.c for what it can be asked\n");
	return 2;
}
