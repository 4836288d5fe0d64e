package io.guardbee.hsm.profile;

/**
 * How a module and a token name themselves, without the padding.
 *
 * @param libraryManufacturer manufacturerID of CK_INFO
 * @param libraryDescription libraryDescription of CK_INFO
 * @param tokenManufacturer manufacturerID of CK_TOKEN_INFO
 * @param tokenModel model of CK_TOKEN_INFO
 */
public record ModuleIdentity(
    String libraryManufacturer,
    String libraryDescription,
    String tokenManufacturer,
    String tokenModel) {

  public ModuleIdentity {
    libraryManufacturer = unpadded(libraryManufacturer);
    libraryDescription = unpadded(libraryDescription);
    tokenManufacturer = unpadded(tokenManufacturer);
    tokenModel = unpadded(tokenModel);
  }

  /** PKCS#11 pads with blanks; some modules end the text with NUL all the same. */
  private static String unpadded(String text) {
    int end = text.indexOf('\0');
    return (end < 0 ? text : text.substring(0, end)).strip();
  }
}
