/* Writes to its terminal and discards it, again and again: who reads at the other end finds nothing where there was something. */
#include <termios.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 50000; i++) {
        if (write(1, "discarded\n", 10) != 10 || tcflush(1, TCOFLUSH) != 0) {
            return 1;
        }
    }
    return 5;
}
