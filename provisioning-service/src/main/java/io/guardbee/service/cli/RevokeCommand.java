package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Api;
import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code guardbee device revoke} and its shorthand {@code guardbee revoke}. */
@Command(
    name = "revoke",
    mixinStandardHelpOptions = true,
    description = {
      "Revokes a device for good: its certificates, its keys and its unused tokens.",
      "With --cert or --serial: that one certificate, on record or not, and its key",
      "when the reason is keyCompromise. With --key: the key, and every certificate",
      "on record that has it. Prints the receipt when every connected broker has",
      "acknowledged, or after a time-out."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee device revoke d-1 --reason keyCompromise",
      "  guardbee device revoke d-1 --reason keyCompromise --json",
      "  guardbee revoke --cert found.pem --reason keyCompromise",
      "  guardbee revoke --serial 4FA2109B",
      "  guardbee revoke --key \"$(cat key.sha256)\" --reason keyCompromise",
      "",
      ReceiptPage.EXIT_CODES
    })
public final class RevokeCommand implements Callable<Integer> {

  private static final byte DER_SEQUENCE = 0x30;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Target target = new Target();

  /** What is to be revoked. */
  static final class Target {
    @Parameters(paramLabel = "ID", arity = "0..1", description = "the device id")
    private @Nullable String id;

    @Option(
        names = "--cert",
        paramLabel = "FILE",
        description = "the certificate in this file, PEM or DER")
    private @Nullable Path certificate;

    @Option(
        names = "--serial",
        paramLabel = "HEX",
        description = "the certificate with this serial, as openssl x509 -serial prints it")
    private @Nullable String serial;

    @Option(
        names = "--key",
        paramLabel = "FINGERPRINT",
        description = "all certificates with this public key: sha256: and 64 digits")
    private @Nullable String key;
  }

  @Option(
      names = "--issuer",
      paramLabel = "ROLE",
      description = "with --serial: issuing (default) or operations")
  private @Nullable String issuer;

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      defaultValue = "unspecified",
      description = {
        "unspecified (default), keyCompromise, affiliationChanged, superseded,",
        "cessationOfOperation or privilegeWithdrawn (RFC 5280)"
      })
  private String reason;

  @Option(names = "--json", description = "print the receipt as JSON")
  private boolean json;

  @Mixin private HomeOption home;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (issuer != null && target.serial == null) {
      throw new ParameterException(spec.commandLine(), "--issuer goes with --serial only");
    }
    ObjectNode request = request();
    JsonNode receipt = Api.of(home.directory()).post("/v1/revocations", request);
    String effect = target.id == null ? "refuses the certificate" : "refuses the device";
    return new ReceiptPage("revoked", effect, receipt).show(spec, json);
  }

  private ObjectNode request() throws IOException {
    ObjectNode request = Api.JSON.createObjectNode().put("reason", reason);
    if (target.id != null) {
      return request.put("deviceId", new DeviceId(target.id).value());
    }
    if (target.certificate != null) {
      return request.put("certificate", pem(target.certificate));
    }
    if (target.key != null) {
      return request.put("key", target.key);
    }
    request.put("serial", target.serial);
    return issuer == null ? request : request.put("issuer", issuer);
  }

  private static String pem(Path file) throws IOException {
    byte[] octets = Files.readAllBytes(file);
    boolean der = octets.length > 0 && octets[0] == DER_SEQUENCE;
    return der
        ? Pem.certificate(Pem.decode(octets))
        : Pem.certificate(Pem.readCertificates(file).get(0));
  }
}
