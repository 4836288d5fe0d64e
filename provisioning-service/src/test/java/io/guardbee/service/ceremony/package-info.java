/** Tests of ceremonies on a real token, with openssl's opinion. */
@NullMarked
package io.guardbee.service.ceremony;

import org.jspecify.annotations.NullMarked;
