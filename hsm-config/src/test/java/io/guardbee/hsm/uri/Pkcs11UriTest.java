package io.guardbee.hsm.uri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.guardbee.hsm.cryptoki.TokenInfo;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Pkcs11UriTest {

  @Test
  void everyPartIsRead() {
    Pkcs11Uri uri =
        Pkcs11Uri.parse(
            "pkcs11:token=my%20ca;object=issuing;id=%00%FFa;type=private;slot-id=7"
                + "?module-path=/usr/lib/a%20b.so&pin-source=file:/etc/pin");

    assertThat(uri.token()).contains("my ca");
    assertThat(uri.object()).contains("issuing");
    assertThat(uri.id()).contains("00ff61");
    assertThat(uri.slotId()).hasValue(7);
    assertThat(uri.modulePath()).contains(Path.of("/usr/lib/a b.so"));
    assertThat(uri.pinSource()).contains(Path.of("/etc/pin"));
    assertThat(Pkcs11Uri.parse(uri.toString())).isEqualTo(uri);
  }

  @Test
  void relativePathsAreTakenFromADirectory() {
    Path home = Path.of("/srv/guardbee");
    assertThat(Pkcs11Uri.parse("pkcs11:token=a?module-path=m.so&pin-source=file:hsm/pin").in(home))
        .isEqualTo(
            Pkcs11Uri.parse(
                "pkcs11:token=a?module-path=/srv/guardbee/m.so&pin-source=file:/srv/guardbee/hsm/pin"));
    Pkcs11Uri absolute = Pkcs11Uri.parse("pkcs11:token=a?pin-source=file:/etc/pin");
    assertThat(absolute.in(home)).isEqualTo(absolute);
    assertThat(Pkcs11Uri.parse("pkcs11:token=a").in(home)).isEqualTo(Pkcs11Uri.ofToken("a"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pkcs11:",
        "PKCS11:token=a",
        "pkcs11:token=caf%C3%A9",
        "pkcs11:token=a%3Bb%3D%23%3F%25",
        "pkcs11:object=a:b[c]@d!$'(e)*+,=&f",
        "pkcs11:id=%01%02",
        "pkcs11:?module-path=/x.so",
        "pkcs11:manufacturer=m;model=o;serial=1;type=cert",
        // RFC 7512 §3: the order of attributes carries no meaning
        "pkcs11:object=b;token=a?pin-source=file:/p&module-path=/x.so"
      })
  void goodTextReadsBackEqual(String text) {
    Pkcs11Uri uri = Pkcs11Uri.parse(text);

    assertThat(Pkcs11Uri.parse(uri.toString())).isEqualTo(uri);
  }

  @ParameterizedTest
  @CsvSource({
    "file:/etc/pin, /etc/pin",
    "file:///etc/pin, /etc/pin",
    "/etc/pin, /etc/pin",
    "file:pin, pin",
    "file:/etc/my%20pin, /etc/my pin"
  })
  void pinSourceNamesAFile(String source, String path) {
    assertThat(Pkcs11Uri.parse("pkcs11:token=a?pin-source=" + source).pinSource())
        .contains(Path.of(path));
  }

  @Test
  void orderOfAttributesCarriesNoMeaning() {
    assertThat(Pkcs11Uri.parse("pkcs11:object=b;token=a"))
        .isEqualTo(Pkcs11Uri.parse("pkcs11:token=a;object=b"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``|does not begin with pkcs11:",
        "token=a|does not begin with pkcs11:",
        "pkcs11|does not begin with pkcs11:",
        "pkcs12:token=a|does not begin with pkcs11:",
        "pkcs11:token|not name=value",
        "pkcs11:=a|not name=value",
        "pkcs11:token=a;|not name=value",
        "pkcs11:token=a;;object=b|not name=value",
        "pkcs11:token=|cannot have",
        "pkcs11:token=a;token=a|twice",
        "pkcs11:token=a?token=b|wrong side",
        "pkcs11:module-path=/x.so|wrong side",
        "pkcs11:pin-source=/p|wrong side",
        "pkcs11:colour=red|unknown attribute",
        "pkcs11:Token=a|unknown attribute",
        "pkcs11:x-mine=a|unknown attribute",
        "pkcs11:token=a b|unencoded",
        "pkcs11:token=a/b|unencoded",
        "pkcs11:token=%|unencoded",
        "pkcs11:token=%4|unencoded",
        "pkcs11:token=%zz|unencoded",
        "pkcs11:token=é|unencoded",
        "pkcs11:token=%FF|not UTF-8",
        "pkcs11:token=%C0%AF|not UTF-8",
        "pkcs11:slot-id=x|cannot have",
        "pkcs11:slot-id=-1|cannot have",
        "pkcs11:slot-id=9999999999999999999|cannot have",
        "pkcs11:type=key|cannot have",
        "pkcs11:token=a?pin-source=|cannot have"
      })
  void badTextIsRefusedWithItsFault(String text, String fault) {
    assertRefused(text, fault);
  }

  @Test
  void pinFromACommandIsRefused() {
    assertRefused("pkcs11:token=a?pin-source=|/bin/pin", "cannot have");
    assertRefused("pkcs11:token=a?pin-source=%7C/bin/pin", "cannot have");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pkcs11:token=a?pin-value=s3cret",
        "pkcs11:token=a;pin-value=s3cret",
        "pkcs11:token=a?pin-value=s3cret s3cret",
        "pkcs11:token=a?pin-value=%73s3cret",
        "pkcs11:token=a?pin-value:s3cret",
        "pkcs11:token=a?PIN-VALUE=s3cret",
        "pkcs11:token=a?PIN-VALUE=s3cret s3cret",
        "pkcs:token=a?pin-value=s3cret"
      })
  void pinInTheTextIsRefusedAndNotRepeated(String text) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> Pkcs11Uri.parse(text))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CONFIGURATION_INVALID))
        .satisfies(e -> assertThat(e.line()).doesNotContain("s3cret"));
  }

  @Test
  void pinInAValueIsRefusedAndNotRepeated() {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> new Pkcs11Uri(Map.of("pin-value", "s3cret")))
        .withMessageContaining("pin-value is not accepted")
        .satisfies(e -> assertThat(e.line()).doesNotContain("s3cret"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pkcs11:token=box|true",
        "pkcs11:token=Box|false",
        "pkcs11:serial=01;token=box|true",
        "pkcs11:serial=02;token=box|false",
        "pkcs11:slot-id=5|true",
        "pkcs11:slot-id=005|true",
        "pkcs11:slot-id=6|false",
        "pkcs11:manufacturer=m;model=o|true",
        "pkcs11:|true"
      })
  void namesTheTokenWhoseEveryAttributeFits(String text, boolean named) {
    TokenInfo token = new TokenInfo(5, "box", "m", "o", "01", "1.0", 0, 0, 0, "");

    assertThat(Pkcs11Uri.parse(text).names(token)).isEqualTo(named);
  }

  private static void assertRefused(String text, String fault) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> Pkcs11Uri.parse(text))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CONFIGURATION_INVALID))
        .withMessageContaining(fault);
  }
}
