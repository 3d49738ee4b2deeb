// The same in English.
Reader = New XMLReader;
Reader.OpenStream(GetBinaryDataFromString("<Mail><Id>1642606</Id><Attachments><Attachment>1</Attachment><Attachment>2</Attachment></Attachments></Mail>").OpenStreamForRead(), New XMLReaderSettings, New XMLSchemaSet, "utf-8");
Object = XDTOFactory.ReadXML(Reader);
Message(TypeOf(Object) = Type("XDTODataObject"));
Message(Object.Id);
Message(TypeOf(Object.Attachments.Attachment) = Type("XDTOList"));
Message(Object.Attachments.Attachment.Count());
Reader = New XMLReader;
Reader.SetString("<a/>");
Reader.Read();
Message(Reader.NodeType = XMLNodeType.StartElement);
Message(XMLString(-0.5) + " " + XMLString(False));
Message(Object.Nothing);
