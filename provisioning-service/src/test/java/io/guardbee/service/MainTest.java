package io.guardbee.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {

  @Test
  void everyCommandOfTheLauncherIsThere() {
    CommandLine line = new CommandLine(new Main());

    assertThat(line.getSubcommands())
        .containsKeys("up", "service", "device", "revoke", "factory", "ca", "config", "hsm");
    assertThat(line.parseArgs("hsm", "keys", "destroy", "ca").hasSubcommand()).isTrue();
  }
}
