/* How much longer a program takes to start and end in one environment than in another, for
 * tests/bench/start:
 *
 *   pairs TIMES A B PROGRAM [ARG…]     A, B: NAME=VALUE, several separated by blanks
 *
 * Runs them in turn and writes the ratio of the medians, B / A. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { VARIABLES = 8 };

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void split(char *words, char *out[VARIABLES + 1])
{
    size_t count = 0;

    for (char *word = strtok(words, " "); word && count < VARIABLES; word = strtok(NULL, " "))
        out[count++] = word;
    out[count] = NULL;
}

static double run(char **program, char **environment)
{
    double start = now();
    pid_t child;
    int status;

    if (posix_spawn(&child, *program, NULL, NULL, program, environment) != 0 ||
        waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "pairs: %s cannot be run\n", *program);
        exit(2);
    }
    return now() - start;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    size_t times = argc > 4 ? strtoul(argv[1], NULL, 10) : 0;
    double *taken[2];
    char *environment[2][VARIABLES + 1];

    if (times == 0) {
        fputs("usage: pairs TIMES A B PROGRAM [ARG...]\n", stderr);
        return 2;
    }
    for (size_t side = 0; side < 2; side++) {
        split(argv[2 + side], environment[side]);
        taken[side] = calloc(times, sizeof(double));
        if (!taken[side])
            abort();
    }
    for (size_t i = 0; i < times; i++)
        for (size_t side = 0; side < 2; side++)
            taken[side][i] = run(argv + 4, environment[side]);
    for (size_t side = 0; side < 2; side++)
        qsort(taken[side], times, sizeof(double), compare);
    printf("%.4f\n", taken[1][times / 2] / taken[0][times / 2]);
    return 0;
}
