package io.guardbee.service.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.profile.Profiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {

  @TempDir private Path directory;

  private Config load(String text) throws IOException {
    Home home = new Home(directory);
    Files.writeString(home.config(), text);
    return ConfigFile.load(home);
  }

  @Test
  void newHomeGetsAFileThatMeansTheDefaults() throws IOException {
    Home home = new Home(directory.resolve("new"));
    Config fresh = ConfigFile.load(home);
    assertThat(home.config()).content().contains("# Guardbee: every setting");
    assertThat(ConfigFile.load(home)).isEqualTo(fresh);
    assertThat(load("")).isEqualTo(fresh);
    assertThat(fresh.listen().https()).isEqualTo(8443);
    assertThat(fresh.profiles().keySet()).contains("sensor", "gateway", "application");
  }

  @Test
  void whatIsLeftOutKeepsItsDefault() throws IOException {
    Config config = load("listen:\n  https: 9443\nprofiles:\n  pump:\n    validity: P7D\n");
    assertThat(config.listen().https()).isEqualTo(9443);
    assertThat(config.listen().mqtts()).isEqualTo(8883);
    Profiles profiles = new Profiles(config.profiles(), "");
    assertThat(profiles.device("pump").validity()).isEqualTo(Duration.ofDays(7));
    assertThat(profiles.device("pump").keys()).isEqualTo(profiles.device("sensor").keys());
    assertThat(config.profiles()).containsKey("sensor");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "colour: red                       | colour",
        "'listen: {htps: 1}'               | htps",
        "'listen: {https: 70000}'          | listen.https",
        "'listen: {https: many}'           | https",
        "'tokens: {validity: soon}'        | validity",
        "'tls: {key: /etc/https.key}'      | tls.key",
        "'tokens: {validity: PT0S}'        | tokens.validity",
        "'profiles: {a: {validty: P1D}}'   | validty ",
        "'profiles: {sensor: {key: 1}}'    | profiles.sensor.key",
        "'organization: [a]'               | organization",
        "'a: b: c'                         | YAML",
        "'organization: x\norganization: y'| organization",
        "'- list'                          | map"
      })
  void mistakesAreNamedWithFileAndKey(String text, String key) {
    assertThatThrownBy(() -> load(text.replace("\\n", "\n")))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("config.yaml")
        .hasMessageContaining(key)
        .extracting(e -> ((RefusedException) e).reason())
        .isEqualTo(Reason.CONFIGURATION_INVALID);
  }
}
