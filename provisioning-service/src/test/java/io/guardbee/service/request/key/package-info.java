/** Tests of the key gate. */
@org.jspecify.annotations.NullMarked
package io.guardbee.service.request.key;
