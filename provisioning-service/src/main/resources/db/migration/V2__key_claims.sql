-- What a device said of its private key when it asked for the certificate; proven by nobody.
alter table certificate add column key_claim varchar(200);
