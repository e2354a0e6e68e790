/* linli: one program, its work in subcommands. */
#include <stdio.h>
#include <string.h>
#include "commands/command.h"

static const struct command commands[] = {
    {"serve", "answer requests", command_serve},
    {"migrate", "bring the database's schema up to date", command_migrate},
    {"seed", "load the demonstration city", command_seed},
    {"user", "add, list, disable logins; set passwords; grant roles", command_user},
    {"key", "create, check, rotate the keys", command_key},
    {"audit", "verify the chain and the ledger; export the chain", command_audit},
    {"config", "show the configuration in force", command_config},
    {"doctor", "check the installation", command_doctor},
};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static int print_commands(FILE *out, int exit_code) {
    fprintf(out, "linli: the open platform of a city's neighbourhoods\n\nlinli COMMAND [--help]\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].summary);
    }
    return exit_code;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        return print_commands(stderr, COMMAND_USAGE);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        return print_commands(stdout, COMMAND_OK);
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    fprintf(stderr, "linli: there is no command %s\n", argv[1]);
    return print_commands(stderr, COMMAND_USAGE);
}
