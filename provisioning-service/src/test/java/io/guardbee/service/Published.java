package io.guardbee.service;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;

/** What a relying party finds at the addresses in a certificate, over plain HTTP. */
public final class Published {

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Published() {}

  /** Where the certificate says its list is. */
  public static String list(X509Certificate certificate) throws IOException {
    CRLDistPoint points =
        CRLDistPoint.getInstance(
            JcaX509ExtensionUtils.parseExtensionValue(
                certificate.getExtensionValue(Extension.cRLDistributionPoints.getId())));
    GeneralName[] names =
        GeneralNames.getInstance(points.getDistributionPoints()[0].getDistributionPoint().getName())
            .getNames();
    return names[0].getName().toString();
  }

  public static String responder(X509Certificate certificate) throws IOException {
    return access(certificate, AccessDescription.id_ad_ocsp);
  }

  public static String issuer(X509Certificate certificate) throws IOException {
    return access(certificate, AccessDescription.id_ad_caIssuers);
  }

  private static String access(X509Certificate certificate, Object method) throws IOException {
    AuthorityInformationAccess access =
        AuthorityInformationAccess.getInstance(
            JcaX509ExtensionUtils.parseExtensionValue(
                certificate.getExtensionValue(Extension.authorityInfoAccess.getId())));
    return Stream.of(access.getAccessDescriptions())
        .filter(one -> one.getAccessMethod().equals(method))
        .findFirst()
        .orElseThrow()
        .getAccessLocation()
        .getName()
        .toString();
  }

  /** GET, with headers, name before value. */
  public static HttpResponse<byte[]> get(String address, String... namesAndValues)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address));
    if (namesAndValues.length > 0) {
      request.headers(namesAndValues);
    }
    return HTTP.send(request.build(), BodyHandlers.ofByteArray());
  }

  public static HttpResponse<byte[]> post(String address, String type, byte[] body)
      throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(address))
            .header("Content-Type", type)
            .POST(BodyPublishers.ofByteArray(body))
            .build(),
        BodyHandlers.ofByteArray());
  }

  /** The list that the certificate names, as PEM for openssl. */
  public static Path download(X509Certificate certificate, Path folder) throws Exception {
    byte[] der = get(list(certificate)).body();
    Path file = folder.resolve("list-" + System.nanoTime() + ".pem");
    Files.writeString(file, io.guardbee.pki.Pem.block("X509 CRL", der));
    return file;
  }

  /** {@code openssl verify -x509_strict} with further options. */
  public static OpenSsl.Result verify(RunningService service, Path pem, Object... options)
      throws Exception {
    Path ca = service.home().ca();
    Stream<Object> arguments =
        Stream.concat(
            Stream.concat(
                Stream.<Object>of(
                    "verify",
                    "-x509_strict",
                    "-CAfile",
                    ca.resolve("root.pem"),
                    "-untrusted",
                    ca.resolve("chain.pem")),
                Stream.of(options)),
            Stream.<Object>of(pem));
    return OpenSsl.run(arguments.toArray());
  }
}
