package io.guardbee.bench;

import io.guardbee.agent.key.KeyPlace;
import io.guardbee.cli.HomeOption;
import io.guardbee.hsm.SoftHsm;
import io.guardbee.hsm.Token;
import io.guardbee.hsm.key.KeyType;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.NativeCrypto;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

@Command(
    name = "hsm",
    description = {
      "Signatures a second through Guardbee against bare C_Sign in the same run; key pairs a second;",
      "and what fleet the module can carry."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  guardbee bench hsm",
      "  guardbee bench hsm --key-type rsa-2048 --threads 1,4",
      "  guardbee bench hsm --module /usr/lib/libmodule.so \\",
      "    --token 'pkcs11:token=lab?pin-source=file:/etc/guardbee/pin' --json",
      "",
      "Makes one key, and destroys it at the end."
    })
final class HsmCommand implements Callable<Integer> {

  private static final int MOST_THREADS = 64;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private HomeOption home = new HomeOption();

  @Option(
      names = "--token",
      paramLabel = "URI",
      description = "RFC 7512 (default: the agent's own SoftHSM token in the home)")
  private @Nullable String token;

  @Option(names = "--module", paramLabel = "FILE", description = "the token's PKCS#11 library")
  private @Nullable Path module;

  @Option(
      names = "--key-type",
      paramLabel = "TYPE",
      defaultValue = "ec-p256",
      description = "ec-p256 (default), ec-p384, ec-p521, rsa-2048, rsa-3072, rsa-4096")
  private String keyType = "ec-p256";

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,2,4,8,16",
      description = "how many at the same time, each measured (default: ${DEFAULT-VALUE})")
  private List<Integer> threads = List.of();

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "3",
      description = "how long each rate is measured (default: ${DEFAULT-VALUE})")
  private long seconds;

  @Option(names = "--json", description = "one JSON object instead of the table")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    KeyType type =
        KeyType.parse(keyType)
            .filter(kind -> kind != KeyType.ED25519)
            .orElseThrow(() -> misuse("--key-type " + keyType + " is not measured: see --help"));
    if (seconds < 1 || threads.stream().anyMatch(n -> n < 1 || n > MOST_THREADS)) {
      throw misuse("--seconds is at least 1, --threads are 1 to " + MOST_THREADS);
    }
    String cryptography = NativeCrypto.install();
    PrintWriter narration = spec.commandLine().getErr();
    HsmFigures figures;
    try (Token open = Token.open(uri())) {
      figures = new HsmBench(open, type, seconds, narration).run(threads, cryptography);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonMapper.builder().build().writeValueAsString(figures.json()));
    } else {
      figures.table(out);
    }
    return 0;
  }

  private ParameterException misuse(String what) {
    return new ParameterException(spec.commandLine(), what);
  }

  private Pkcs11Uri uri() {
    Pkcs11Uri named =
        token == null
            ? SoftHsm.prepare(home.directory().resolve("agent").resolve("hsm"), KeyPlace.TOKEN)
            : Pkcs11Uri.parse(token);
    return module == null ? named : named.withModulePath(module);
  }
}
