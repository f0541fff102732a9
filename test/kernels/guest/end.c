/* Ends a QEMU machine that has isa-debug-exit at port 0xf4, with the byte that is given. */
#include <stdlib.h>
#include <sys/io.h>

int main(int count, char **args)
{
	if (count != 2 || ioperm(0xf4, 1, 1) != 0)
		return 1;
	outb((unsigned char)atoi(args[1]), 0xf4);
	return 1;
}
