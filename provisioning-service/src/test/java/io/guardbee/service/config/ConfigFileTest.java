package io.guardbee.service.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.cli.ConfigCommand;
import io.guardbee.service.profile.Profiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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

  @Test
  void partialFileStaysAsItIs() throws IOException {
    String partial = "# ours\nlisten: {https: 9443}\n\n\n";
    Config unused = load(partial);
    assertThat(directory.resolve("config.yaml")).hasContent(partial);
    assertThat(Files.readString(directory.resolve("config.yaml"))).isEqualTo(partial);
  }

  private String show(String... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = new CommandLine(new ConfigCommand());
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    List<String> arguments = new ArrayList<>(List.of("show", "--home", directory.toString()));
    arguments.addAll(List.of(options));
    assertThat(line.execute(arguments.toArray(new String[0]))).as(err.toString()).isZero();
    return out.toString();
  }

  @Test
  void everySettingIsShownWithValueDefaultAndComment() throws IOException {
    Config config =
        load(
            """
            organization: Acme
            listen: {https: 9443, names: [a.example, 10.0.0.1]}
            db: {url: 'jdbc:postgresql://db/guardbee?sslpassword=s3cret&x=1'}
            profiles: {pump: {validity: P7D, serverKeys: encrypted}}
            """);

    String shown = show();

    assertThat(shown)
        .contains("# O of the subjects that Guardbee issues")
        .contains("organization: Acme  # default Guardbee\n")
        .contains("  https: 9443  # default 8443; EST and REST; 0 takes any free port\n")
        .contains("  http: 8080  # default; readiness")
        .contains("  names: [\"a.example\",\"10.0.0.1\"]  # default []; further DNS names")
        .contains("    validity: P7D  # default P90D\n")
        .contains("    serverKeys: encrypted  # default \"off\"; or encrypted, plain")
        .contains("sslpassword=***&x=1")
        .doesNotContain("s3cret");
    assertThat(load(shown.replace("***", "s3cret"))).isEqualTo(config);
    assertThat(directory.toFile().list()).as("nothing is written").hasSize(1);
  }

  @Test
  void everySettingIsThereForPrograms() throws IOException {
    Config unused = load("listen: {https: 9443}\n");
    JsonNode settings = JsonMapper.builder().build().readTree(show("--json")).path("settings");

    List<String> keys = settings.valueStream().map(one -> one.path("key").asString()).toList();
    assertThat(keys).doesNotHaveDuplicates().contains("hsm.uri", "profiles.gateway.est.lineLength");
    JsonNode https = settings.get(keys.indexOf("listen.https"));
    assertThat(https.path("value").asInt()).isEqualTo(9443);
    assertThat(https.path("default").asInt()).isEqualTo(8443);
    assertThat(https.path("comment").asString()).startsWith("EST and REST");
    JsonNode uri = settings.get(keys.indexOf("hsm.uri"));
    assertThat(uri.path("comment").asString()).startsWith("The token that holds the CA keys");
  }

  @Test
  void defaultsAreTheFileOfANewHome() throws IOException {
    Config unused = load("listen: {https: 9443}\n");
    Home fresh = new Home(directory.resolve("new"));
    Config shipped = ConfigFile.load(fresh);

    assertThat(show("--defaults")).isEqualTo(Files.readString(fresh.config()));
    assertThat(show("--defaults", "--json")).contains("\"value\":8443").doesNotContain("9443");
    Files.delete(directory.resolve("config.yaml"));
    assertThat(load(show())).isEqualTo(shipped);
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
