//! What the command does with its arguments, files and streams. What it finds in configs is tested elsewhere.

use crate::common::{Cli, cli};
use insta::assert_snapshot;
use std::process::Command;

/// A config without a problem.
const CLEAN: &str = r#"{"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8}"#;

/// The paths of the files that were checked.
#[track_caller]
fn checked(run: Cli) -> String {
    let output: serde_json::Value = serde_json::from_str(&run.arg("--format").arg("json").prints(0)).unwrap();
    let paths = output["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap());
    paths.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_folder_means_the_configs_in_it_and_below() {
    let run = cli("check")
        .file("b/adapter_config.yaml", CLEAN)
        .file("a/adapter_config.json", CLEAN)
        .file("a/deep/er/adapter_config.toml", "peft_type = 'PROMPT_TUNING'\nnum_virtual_tokens = 8\n")
        .file("a/config.json", "{}")
        .file("adapter_config.yml", CLEAN)
        .file("adapter_config.json.bak", "{}")
        .file(".hidden/adapter_config.json", CLEAN);
    assert_snapshot!(checked(run), @"
    a/adapter_config.json
    a/deep/er/adapter_config.toml
    adapter_config.yml
    b/adapter_config.yaml
    ");
}

#[test]
fn a_file_that_is_named_is_checked_whatever_its_name() {
    assert_snapshot!(checked(cli("check ./x/lora.json").file("x/lora.json", CLEAN)), @"x/lora.json");
    assert_snapshot!(checked(cli("check ./-").file("-", CLEAN)), @"./-");
}

#[test]
fn a_file_that_is_meant_twice_is_checked_once() {
    let run = cli("check . a ./a/adapter_config.json a/./adapter_config.json")
        .arg("[DIR]/a/adapter_config.json")
        .file("a/adapter_config.json", CLEAN)
        .file("adapter_config.json", CLEAN);
    assert_snapshot!(checked(run), @"
    a/adapter_config.json
    adapter_config.json
    ");
}

#[test]
fn git_s_ignored_files_are_left_out_unless_they_are_named() {
    let files = |run: Cli| {
        run.folder(".git")
            .file(".gitignore", "outputs/\n")
            .file("outputs/adapter_config.json", CLEAN)
            .file("adapter_config.json", CLEAN)
    };
    assert_snapshot!(checked(files(cli("check"))), @"adapter_config.json");
    assert_snapshot!(checked(files(cli("check outputs"))), @"outputs/adapter_config.json");
    assert_snapshot!(checked(files(cli("check --no-ignore"))), @"
    adapter_config.json
    outputs/adapter_config.json
    ");
}

#[cfg(unix)]
#[test]
fn links_to_files_are_followed_as_the_hub_cache_needs() {
    use std::os::unix::fs::symlink;
    let run = cli("check hub").file("hub/blobs/0a1b", CLEAN).folder("hub/snapshots/main").prepare(|dir| {
        symlink("../../blobs/0a1b", dir.join("hub/snapshots/main/adapter_config.json")).unwrap();
        symlink("main", dir.join("hub/snapshots/latest")).unwrap();
        symlink("..", dir.join("hub/snapshots/loop")).unwrap();
    });
    assert_snapshot!(checked(run), @"hub/snapshots/main/adapter_config.json");
}

#[cfg(unix)]
#[test]
fn what_is_not_a_file_is_refused_without_waiting_for_it() {
    use std::os::unix::fs::symlink;
    let run = cli("check . /dev/zero").folder("a/adapter_config.json").folder("b").folder("c").prepare(|dir| {
        symlink("nowhere", dir.join("b/adapter_config.json")).unwrap();
        assert!(Command::new("mkfifo").arg(dir.join("c/adapter_config.json")).status().unwrap().success());
    });
    assert_snapshot!(run.exits(2), @"
    --- stderr
    error: /dev/zero: this is a device, not a file; give a file, or `-` for standard input
    error: a/adapter_config.json: this is a folder, not a file; give a file, or `-` for standard input
    error: b/adapter_config.json: this link leads nowhere; restore the file that it points to, or remove the link
    error: c/adapter_config.json: this is a named pipe, not a file; give a file, or `-` for standard input
    ");
}

#[test]
fn what_cannot_be_read_keeps_nothing_else_from_being_checked() {
    let run = cli("check missing.json empty good.json").folder("empty").file("good.json", CLEAN);
    assert_snapshot!(run.exits(2), @"
    --- stderr
    error: empty: no adapter_config.json, .yaml, .yml or .toml in this folder; name the file itself, or look into ignored and hidden folders with --no-ignore
    error: missing.json: no such file or folder; is it spelt right?
    no problems in 1 file
    ");
}

#[test]
fn a_folder_without_configs_is_a_failure() {
    assert_snapshot!(cli("check").exits(2), @"
    --- stderr
    error: .: no adapter_config.json, .yaml, .yml or .toml in this folder; name the file itself, or look into ignored and hidden folders with --no-ignore
    ");
}

#[test]
fn a_file_over_the_limit_is_refused() {
    let run = |args| cli(args).file("big.json", CLEAN).input(CLEAN);
    assert_snapshot!(run("check --max-file-size 80 big.json").exits(2), @"
    --- stderr
    error: big.json: 81 bytes, more than the limit of 80; if this is a config, raise it with --max-file-size
    ");
    assert_snapshot!(run("check --max-file-size 80 -").exits(2), @"
    --- stderr
    error: standard input: more bytes than the limit of 80; if this is a config, raise it with --max-file-size
    ");
    assert_snapshot!(run("check --max-file-size 81 big.json -").exits(0), @"
    --- stderr
    no problems in 2 files
    ");
}

#[test]
fn standard_input_goes_by_the_name_that_it_is_given() {
    assert_snapshot!(checked(cli("check - -").input(CLEAN)), @"adapter_config.json");
    assert_snapshot!(checked(cli("check b.json - --stdin-filename z.yaml").file("b.json", CLEAN).input(CLEAN)), @"
    z.yaml
    b.json
    ");
    assert_snapshot!(cli("check --stdin-filename z.yaml").file("adapter_config.json", CLEAN).exits(2), @"
    --- stderr
    error: --stdin-filename is about standard input; add `-` to the paths to check it
    ");
}

#[test]
fn the_summary_is_for_people_and_can_be_silenced() {
    let run = |args| cli(args).file("a.json", CLEAN).file("b.json", CLEAN).exits(0);
    assert_snapshot!(run("check a.json b.json"), @"
    --- stderr
    no problems in 2 files
    ");
    assert_snapshot!(run("check --format github a.json"), @"
    --- stderr
    no problems in 1 file
    ");
    assert_snapshot!(run("check --quiet a.json b.json"), @"");
}

#[test]
fn json_is_one_document() {
    assert_snapshot!(cli("check --format json -q a.json").file("a.json", CLEAN).exits(0), @r#"
    --- stdout
    {
      "version": 1,
      "tool": {
        "name": "peftspec",
        "version": "[VERSION]"
      },
      "files": [
        {
          "path": "a.json",
          "peft_type": "PROMPT_TUNING",
          "peft_version": null,
          "diagnostics": []
        }
      ],
      "summary": {
        "files": 1,
        "errors": 0,
        "warnings": 0,
        "infos": 0
      }
    }
    "#);
}

#[test]
fn wrong_usage_is_refused() {
    assert_snapshot!(cli("check --format xml").exits(2), @"
    --- stderr
    error: invalid value 'xml' for '--format <FORMAT>'
      [possible values: human, json, github]

    For more information, try '--help'.
    ");
    assert_snapshot!(cli("check --quiet --pedantic").exits(2), @"
    --- stderr
    error: the argument '--quiet' cannot be used with '--pedantic'

    Usage: peftspec check --quiet [PATH]...

    For more information, try '--help'.
    ");
    assert_snapshot!(cli("chekc").exits(2), @"
    --- stderr
    error: unrecognized subcommand 'chekc'

      tip: some similar subcommands exist: 'schema', 'check'

    Usage: peftspec <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn help_says_what_there_is() {
    assert_snapshot!(cli("--help").exits(0));
    assert_snapshot!(cli("check --help").exits(0));
    assert_snapshot!(cli("--version").exits(0), @"
    --- stdout
    peftspec [VERSION]
    ");
}

#[test]
fn colour_is_only_for_terminals_and_those_who_insist() {
    assert!(!cli("--help").prints(0).contains('\u{1b}'));
    assert!(cli("--help").env("CLICOLOR_FORCE", "1").prints(0).contains('\u{1b}'));
    assert!(!cli("--help").env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").prints(0).contains('\u{1b}'));
}

#[test]
fn every_shell_gets_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = cli("completions").arg(shell).prints(0);
        assert!(script.contains("max-file-size"), "{shell}: {script}");
    }
}

#[test]
fn the_manual_page_has_a_section_for_every_subcommand() {
    let page = cli("man").prints(0);
    let headings: Vec<_> = page.lines().filter(|line| line.starts_with(".SH") || line.starts_with(".SS")).collect();
    assert_snapshot!(headings.join("\n"));
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = Command::new(env!("CARGO_BIN_EXE_peftspec")).arg("man").stdout(writer).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_peftspec")).arg("man").stdout(full).output().unwrap();
    assert_snapshot!(String::from_utf8_lossy(&output.stderr), @"error: cannot write the output: No space left on device (os error 28)");
    assert_eq!(output.status.code(), Some(2));
}
